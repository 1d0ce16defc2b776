/**
 * Azurite as a process of its own, on the local clock: it compares the times of access tokens with `Date`, and
 * stamps what it stores. Everything after the file's name is Azurite's own command line
 * (node_modules/azurite/README.md). Started by start-storage.ts.
 *
 * JavaScript, and tsx only for the clock: Azurite's thousands of files load twice as fast without tsx in between.
 */
const { register } = require('tsx/cjs/api');

const unregister = register();
const { installClock } = require('../clock.ts');
installClock();
void unregister();

// Azurite reads process.argv when this file is loaded, and starts its services.
require('azurite/dist/src/azurite.js');
