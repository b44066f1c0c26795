declare function loadSucrase(): typeof import('sucrase');
export = loadSucrase;
