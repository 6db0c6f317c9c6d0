// Finding and opening the emitter's module. It lies beside the library that
// holds us, or in the folder `vyre` there, or (a program linked statically, as
// the tests are) one folder up; VYRE_LLVM_MODULE names another. Beside the
// library only a file of the library's owner counts, so that nobody else can
// have us load theirs. One handle serves the process: the module keeps no
// state, and LLVM can be loaded only once.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/emit.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define FILE_NAME "libvyre-llvm.so." TEXT(VY_VERSION_MAJOR)

static const char *const places[] = {"", "vyre/", "../"};

static const char advice[] =
    "\nFix: install it beside libvyre.so, with libllvm19";

static bool owned_by(const char *path, uid_t owner) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISREG(s.st_mode) && s.st_uid == owner;
}

// The folder of the file that this code was loaded from, with its slash.
static bool own_folder(char *out, size_t size, uid_t *owner) {
  Dl_info info;
  struct stat s;
  if (!dladdr(&places, &info) || !info.dli_fname)
    return false;
  const char *slash = strrchr(info.dli_fname, '/');
  size_t length = slash ? (size_t)(slash + 1 - info.dli_fname) : 0;
  const char *file = slash ? info.dli_fname : "/proc/self/exe";
  if (length >= size || stat(file, &s))
    return false;
  memcpy(out, info.dli_fname, length);
  out[length] = 0;
  *owner = s.st_uid;
  return true;
}

bool vy__module_find(char *path, size_t path_size, char *why, size_t why_size) {
  char folder[4096] = "";
  uid_t owner = 0;
  const char *named = vy__env("VYRE_LLVM_MODULE");
  if (named && named[0]) {
    struct stat s;
    if (strlen(named) < path_size && stat(named, &s) == 0) {
      memcpy(path, named, strlen(named) + 1);
      return true;
    }
    snprintf(why, why_size, "VYRE_LLVM_MODULE names no file%s", advice);
    return false;
  }
  bool found = own_folder(folder, sizeof folder, &owner);
  for (uint32_t i = 0; found && i < VY__COUNT(places); i++) {
    int n = snprintf(path, path_size, "%s%s%s", folder, places[i], FILE_NAME);
    if (n > 0 && (size_t)n < path_size && owned_by(path, owner))
      return true;
  }
  snprintf(why, why_size, "its module %s is missing%s", FILE_NAME, advice);
  return false;
}

// ---- opening

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const vy__emitter *opened; // under the mutex; never closed

static const vy__emitter *open_module(vy_diags *diags) {
  char path[4200], why[160];
  if (!vy__module_find(path, sizeof path, why, sizeof why)) {
    (void)vy__fail(diags, NULL, VY__E_MODULE, "the cpu device: %s", why);
    return NULL;
  }
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *error = dlerror();
    (void)vy__fail(diags, NULL, VY__E_MODULE,
                   "the module cannot be loaded: %s%s", error ? error : path,
                   advice);
    return NULL;
  }
  const vy__emitter *e = dlsym(handle, "vyre_emitter");
  if (e && e->version == VY_VERSION && e->abi == VY__KERNEL_ABI)
    return e;
  (void)vy__fail(diags, NULL, VY__E_MODULE,
                 "%.200s is of another version of the library%s", path, advice);
  dlclose(handle);
  return NULL;
}

const vy__emitter *vy__emitter_get(vy_diags *diags) {
  pthread_mutex_lock(&mutex);
  if (!opened)
    opened = open_module(diags);
  const vy__emitter *e = opened;
  pthread_mutex_unlock(&mutex);
  return e;
}
