// Loaded into the programs of a picture: no name of the machine or the person who makes it is in the manual.
const os = require('node:os');
const { userInfo } = os;
os.hostname = () => process.env.PICTURE_HOST ?? 'web-1';
os.userInfo = (options) => ({ ...userInfo(options), username: 'ana' });
