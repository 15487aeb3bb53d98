/** What compiles: part of every artifact's id, so that another version makes other artifacts. */
export const COMPILER = '0.8.37+commit.f401782d.Emscripten.clang';
/** The library whose sources imports may name. */
export const OPENZEPPELIN = '5.7.0';
