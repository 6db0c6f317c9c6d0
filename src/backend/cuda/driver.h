// The CUDA driver API as far as we use it, declared here, so that neither the
// toolkit nor the driver is needed to build; opened at run time. Names follow
// driver.def; layouts and numbers are those of the driver's ABI.
#ifndef VY__CUDA_DRIVER_H
#define VY__CUDA_DRIVER_H

#include "base/diag.h"

typedef struct vy__cu_context_st *vy__cu_context;
typedef struct vy__cu_stream_st *vy__cu_stream;
typedef struct vy__cu_event_st *vy__cu_event;
typedef struct vy__cu_module_st *vy__cu_module;
typedef struct vy__cu_function_st *vy__cu_function;
typedef struct vy__cu_link_st *vy__cu_link;
typedef struct vy__cu_graph_st *vy__cu_graph;
typedef struct vy__cu_node_st *vy__cu_node;
typedef struct vy__cu_exec_st *vy__cu_exec;
typedef unsigned long long vy__cu_address;

// CUresult, those that mean something to us.
enum {
  VY__CU_OK = 0,
  VY__CU_INVALID_VALUE = 1,
  VY__CU_OUT_OF_MEMORY = 2,
  VY__CU_DEINITIALIZED = 4,
  VY__CU_STUB_LIBRARY = 34,
  VY__CU_NEWER_DRIVER = 36,
  VY__CU_DEVICE_UNAVAILABLE = 46,
  VY__CU_NO_DEVICE = 100,
  VY__CU_INVALID_DEVICE = 101,
  VY__CU_INVALID_CONTEXT = 201,
  VY__CU_ECC_UNCORRECTABLE = 214,
  VY__CU_INVALID_PTX = 218,
  VY__CU_NVLINK_UNCORRECTABLE = 220,
  VY__CU_NO_JIT_COMPILER = 221,
  VY__CU_PTX_VERSION = 222,
  VY__CU_CONTAINED = 226,
  VY__CU_NOT_READY = 600,
  VY__CU_ILLEGAL_ADDRESS = 700,
  VY__CU_LAUNCH_TIMEOUT = 702,
  VY__CU_CONTEXT_DESTROYED = 709,
  VY__CU_ASSERT = 710,
  VY__CU_HARDWARE_STACK = 714,
  VY__CU_LAUNCH_FAILED = 719,
  VY__CU_DRIVER_MISMATCH = 803,
  VY__CU_UNKNOWN = 999,
};

// Device attributes, flags and options.
enum {
  VY__CU_MAX_GRID_X = 5,
  VY__CU_MAX_GRID_Y = 6,
  VY__CU_MAX_GRID_Z = 7,
  VY__CU_PROCESSORS = 16,
  VY__CU_CAN_MAP_HOST = 19,
  VY__CU_PROCESSOR_THREADS = 39,
  VY__CU_UNIFIED = 41,
  VY__CU_MAJOR = 75,
  VY__CU_MINOR = 76,

  VY__CU_HOST_PORTABLE = 1,
  VY__CU_HOST_MAPPED = 2,
  VY__CU_STREAM_NON_BLOCKING = 1,
  VY__CU_EVENT_NO_TIME = 2,
  VY__CU_POINTER_MEMORY_TYPE = 2,
  VY__CU_POINTER_RANGE_START = 11,
  VY__CU_POINTER_RANGE_SIZE = 12,
  VY__CU_MEMORY_HOST = 1,
  VY__CU_MEMORY_DEVICE = 2,
  VY__CU_MEMORY_UNIFIED = 4,

  VY__CU_JIT_ERROR_LOG = 5,
  VY__CU_JIT_ERROR_LOG_SIZE = 6,
  VY__CU_INPUT_PTX = 1,

  VY__CU_NODE_CONDITIONAL = 13,
  VY__CU_WHILE = 1,
  VY__CU_ASSIGN_DEFAULT = 1,
};

typedef struct vy__cu_kernel_node {
  vy__cu_function function;
  unsigned grid[3], block[3];
  unsigned shared;
  void **params;
  void **extra;
  void *kernel;           // used where function is NULL
  vy__cu_context context; // likewise
} vy__cu_kernel_node;

typedef struct vy__cu_copy_side {
  size_t x, y, z, level;
  int type; // VY__CU_MEMORY_
  void *host;
  vy__cu_address device;
  void *array, *reserved;
  size_t pitch, height;
} vy__cu_copy_side;

typedef struct vy__cu_copy_node {
  vy__cu_copy_side from, to;
  size_t width, height, depth;
} vy__cu_copy_node;

// A node that repeats a graph while its handle's value is not 0.
typedef struct vy__cu_while_node {
  int type; // VY__CU_NODE_CONDITIONAL
  int reserved[3];
  uint64_t handle;
  int condition; // VY__CU_WHILE
  unsigned size; // 1
  vy__cu_graph *body;
  vy__cu_context context;
  long long rest[26]; // 0
} vy__cu_while_node;

typedef struct vy__cu_fill_node {
  vy__cu_address at;
  size_t pitch;
  unsigned value, element;
  size_t width, height;
} vy__cu_fill_node;

// The driver's functions. They return CUresult and may be called from any
// thread; those marked 0 in driver.def may be NULL.
typedef struct vy__cu {
#define CU(since, name, symbol, takes, passes) int(*name) takes;
#include "backend/cuda/driver.def"
#undef CU
  int version; // 12040 for CUDA 12.4
} vy__cu;

// The oldest driver that has all we need.
enum { VY__CU_OLDEST = 12000, VY__CU_HAS_REPEATS = 12040 };

// The driver, opened and initialised with the first call that can do it; it
// serves the process and is never closed. NULL: there is none that we can use,
// and why: at most `size` bytes, a `Fix:` included.
const vy__cu *vy__cu_open(char *why, size_t size);

// The one place that knows what a CUresult means.
vy_status vy__cu_status(int result);
// Nothing more can be done with the context.
bool vy__cu_is_fatal(int result);
// Report that `what` failed; returns the status.
vy_status vy__cu_fail(const vy__cu *cu, int result, const char *what,
                      vy_diags *diags);

#endif
