// Loader hooks are synchronous, and most programs never need the compiler: only a `require` is both lazy and synchronous.
module.exports = () => require('sucrase');
