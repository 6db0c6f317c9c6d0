// Finding the driver, and what its results mean.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

#include <pthread.h>

#include "backend/cuda/driver.h"
#include "base/thread.h"

#define DRIVER_FILE "libcuda.so.1"

// ---- what results mean

bool vy__cu_is_fatal(int r) {
  switch (r) {
  case VY__CU_DEINITIALIZED:
  case VY__CU_INVALID_CONTEXT:
  case VY__CU_ECC_UNCORRECTABLE:
  case VY__CU_NVLINK_UNCORRECTABLE:
  case VY__CU_CONTAINED:
  case VY__CU_ILLEGAL_ADDRESS:
  case VY__CU_LAUNCH_TIMEOUT:
  case VY__CU_CONTEXT_DESTROYED:
  case VY__CU_ASSERT:
  case VY__CU_UNKNOWN:
    return true;
  default:
    return r >= VY__CU_HARDWARE_STACK && r <= VY__CU_LAUNCH_FAILED;
  }
}

vy_status vy__cu_status(int r) {
  if (r == VY__CU_OK)
    return VY_OK;
  if (vy__cu_is_fatal(r))
    return VY_ERROR_DEVICE_LOST;
  switch (r) {
  case VY__CU_OUT_OF_MEMORY:
    return VY_ERROR_OUT_OF_DEVICE_MEMORY;
  case VY__CU_STUB_LIBRARY:
  case VY__CU_NEWER_DRIVER:
  case VY__CU_DEVICE_UNAVAILABLE:
  case VY__CU_NO_DEVICE:
  case VY__CU_INVALID_DEVICE:
  case VY__CU_DRIVER_MISMATCH:
    return VY_ERROR_DEVICE_UNAVAILABLE;
  default:
    return VY_ERROR_DISPATCH_FAILED;
  }
}

// What to do about it; NULL: what the error's row says.
static const char *advice(int r) {
  switch (r) {
  case VY__CU_STUB_LIBRARY:
    return "install NVIDIA's driver: the libcuda.so.1 that was found is the "
           "stub of the toolkit";
  case VY__CU_NEWER_DRIVER:
  case VY__CU_PTX_VERSION:
    return "install a newer NVIDIA driver";
  case VY__CU_DRIVER_MISMATCH:
    return "restart the machine: the driver's library and its kernel module "
           "are of different versions";
  case VY__CU_NO_DEVICE:
    return "look at what nvidia-smi and CUDA_VISIBLE_DEVICES say, or use the "
           "cpu device";
  case VY__CU_DEVICE_UNAVAILABLE:
    return "another process has the GPU for itself; let it go, or set its "
           "compute mode to default";
  case VY__CU_NO_JIT_COMPILER:
    return "install the driver's libnvidia-ptxjitcompiler.so.1";
  default:
    return NULL;
  }
}

static vy__err error_of(int r) {
  switch (vy__cu_status(r)) {
  case VY_ERROR_DEVICE_LOST:
    return VY__E_DEVICE_LOST;
  case VY_ERROR_OUT_OF_DEVICE_MEMORY:
    return VY__E_DEVICE_MEMORY;
  case VY_ERROR_DEVICE_UNAVAILABLE:
    return VY__E_NO_DEVICE;
  default:
    return VY__E_DISPATCH_FAILED;
  }
}

static const char *name_of(const vy__cu *cu, int r) {
  const char *name = NULL;
  if (!cu->error_name || cu->error_name(r, &name) != VY__CU_OK || !name)
    name = "an unknown error";
  return name;
}

vy_status vy__cu_fail(const vy__cu *cu, int r, const char *what,
                      vy_diags *diags) {
  const char *fix = advice(r);
  return vy__fail(diags, NULL, error_of(r),
                  "%s: the CUDA driver gave %s (%d)%s%s", what, name_of(cu, r),
                  r, fix ? "\nFix: " : "", fix ? fix : "");
}

// ---- opening

// False, with the reason: a symbol that must be there is not.
static bool bind(vy__cu *cu, void *library, char *why, size_t size) {
  const char *missing = NULL;
#define CU(since, name, symbol, takes, passes)                                 \
  *(void **)(void *)&cu->name = dlsym(library, #symbol);                       \
  if (since && !cu->name && !missing)                                          \
    missing = #symbol;
#include "backend/cuda/driver.def"
#undef CU
  int version = 0;
  if (cu->driver_version && cu->driver_version(&version) == VY__CU_OK)
    cu->version = version;
  if (!missing && cu->version >= VY__CU_OLDEST)
    return true;
  snprintf(why, size,
           "the NVIDIA driver is for CUDA %d.%d, at least %d.%d is "
           "needed%s%s\nFix: install a newer driver",
           cu->version / 1000, cu->version % 1000 / 10, VY__CU_OLDEST / 1000,
           VY__CU_OLDEST % 1000 / 10, missing ? "; it lacks " : "",
           missing ? missing : "");
  return false;
}

static bool start(vy__cu *cu, char *why, size_t size) {
  int r = cu->init(0);
  if (r == VY__CU_OK)
    return true;
  const char *fix = advice(r);
  snprintf(why, size, "the CUDA driver cannot start: %s (%d)\nFix: %s",
           name_of(cu, r), r, fix ? fix : "look at what nvidia-smi says");
  return false;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static vy__cu table; // under the mutex until `opened`
static bool opened;
static vy__fork_mark mark; // once opened: the driver does not work in children

static bool open_driver(char *why, size_t size) {
  const char *named = vy__env("VYRE_CUDA_DRIVER");
  void *library = dlopen(named ? named : DRIVER_FILE, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(why, size,
             "%s is missing\nFix: install NVIDIA's driver, or use "
             "the cpu device",
             named ? "the driver that VYRE_CUDA_DRIVER names" : DRIVER_FILE);
    return false;
  }
  memset(&table, 0, sizeof table);
  if (bind(&table, library, why, size) && start(&table, why, size)) {
    if (vy__fork_mark_init(&mark))
      return true;
    snprintf(why, size, "there is no memory for its driver");
  }
  dlclose(library);
  return false;
}

const vy__cu *vy__cu_open(char *why, size_t size) {
  pthread_mutex_lock(&mutex);
  if (!opened)
    opened = open_driver(why, size);
  const vy__cu *cu = opened ? &table : NULL;
  if (cu && vy__is_forked(&mark)) {
    snprintf(why, size,
             "this process was forked from one that uses CUDA, which does not "
             "work\nFix: fork first, or start another program");
    cu = NULL;
  }
  pthread_mutex_unlock(&mutex);
  return cu;
}
