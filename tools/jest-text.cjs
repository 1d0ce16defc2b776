// Loads a file as its text, as the bundle's "text" loader does (tools/build.mjs).
module.exports = {
  process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }),
};
