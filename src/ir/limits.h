// Limits of a program: the same for text, builder and wire, and held during
// expansion. Raising one is a compatible change; lowering is not.
#ifndef VY__LIMITS_H
#define VY__LIMITS_H

enum {
  VY__MAX_VALUES = 1 << 20,       // values of a program
  VY__MAX_STATEMENTS = 1 << 20,   // statements, end markers included
  VY__MAX_NESTING = 64,           // nested blocks, and nested expressions
  VY__MAX_PARAMS = 64,            // parameters
  VY__MAX_CONSTS = 256,           // specialization constants
  VY__MAX_TABLES = 64,            // tables
  VY__MAX_TABLE_ELEMENTS = 65536, // elements of a table
  VY__MAX_FIELDS = 256,           // scalars of a buffer element
  VY__MAX_ELEMENT_SIZE = 4096,    // bytes of a buffer element
  VY__MAX_VARS = 65536,           // variables
  VY__MAX_ARRAYS = 1024,          // private arrays; as many group arrays
  VY__MAX_GROUP_LANES = 1024,     // lanes of a group
  VY__MAX_GROUP_MEMORY = 32768,   // bytes of group memory
  VY__MAX_PRIVATE_MEMORY = 16384, // bytes of private arrays a lane
  VY__MAX_SIZE_NODES = 4096,      // nodes of all size expressions
  VY__MAX_UNROLL = 1024,          // copies an unrolled loop makes
  VY__MAX_NAME = 255,             // bytes of a name
  VY__MAX_IMPORTS = 1024,         // files of one program
  VY__MAX_SOURCE = 16 << 20,      // bytes of one source text
  VY__MAX_WIRE = 64 << 20,        // bytes of a wire program
};

#endif
