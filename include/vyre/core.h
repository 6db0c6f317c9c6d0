// Vyre: status codes, diagnostics, contexts. Part of <vyre/vyre.h>.
//
// Ownership, in one rule for the whole API: an object that comes through an
// out-parameter (of create, open, parse, decode, finish, specialize, compile,
// lower, submit, prepare), or from retain, is a reference of the caller's,
// which the matching release gives back; an object, text or bytes that a
// function returns are borrowed from the object it is asked on. Releasing NULL
// is fine. Objects are reference-counted, but for builders and vy_ahead, and
// may be released in any order. Descriptors start with struct_size, have an
// init macro VY_X_INIT, and zero always means the default.
//
// Unless a declaration says otherwise, functions may be called from any
// thread at any time, do not block, accept NULL for `diags`, and leave the
// out-parameter untouched (or NULL) when they fail.
#ifndef VYRE_CORE_H
#define VYRE_CORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(VYRE_STATIC) || !defined(__GNUC__)
#define VY_API
#else
#define VY_API __attribute__((visibility("default")))
#endif
#if defined(__GNUC__)
#define VY_NODISCARD __attribute__((warn_unused_result))
#else
#define VY_NODISCARD
#endif

#define VY_VERSION_MAJOR 0
#define VY_VERSION_MINOR 1
#define VY_VERSION_PATCH 0
#define VY_VERSION                                                             \
  (VY_VERSION_MAJOR * 1000000 + VY_VERSION_MINOR * 1000 + VY_VERSION_PATCH)

// Version of the loaded library, as VY_VERSION encodes it.
VY_API uint32_t vy_version(void);

// What happened, stable for ever; a caller decides on these without reading
// text. The finer code is vy_diag.code.
typedef enum vy_status {
  VY_OK = 0,
  VY_ERROR_INVALID_ARGUMENT = 1,     // the call is wrong; nothing was done
  VY_ERROR_INVALID_PROGRAM = 2,      // text, wire or builder program is wrong
  VY_ERROR_OUT_OF_HOST_MEMORY = 3,   // an allocation failed
  VY_ERROR_OUT_OF_DEVICE_MEMORY = 4, // the device has no room
  VY_ERROR_UNSUPPORTED = 5,          // this device or build cannot do that
  VY_ERROR_COMPILE_FAILED = 6,       // the backend's compiler refused
  VY_ERROR_DISPATCH_FAILED = 7,      // the run failed
  VY_ERROR_OUTPUT_TOO_SMALL = 8,     // a MEMORY slot is too small
  VY_ERROR_BUSY = 9,                 // a slot, buffer or object is in flight
  VY_ERROR_TIMEOUT = 10,             // not finished yet; still in flight
  VY_ERROR_BUDGET = 11,              // a lane or group ran out of steps
  VY_ERROR_BOUNDS = 12,              // strict bounds: an access was outside
  VY_ERROR_DEVICE_LOST = 13,         // the device is gone; open it again
  VY_ERROR_STALE_HANDLE = 14,        // freed, foreign or made-up buffer
  VY_ERROR_DEVICE_UNAVAILABLE = 15,  // no such device here
  VY_ERROR_IO = 16,                  // a file could not be read or written
  VY_ERROR_CHECK_FAILED = 17,        // vy_check found a race
} vy_status;

// Stable name of a status, "VY_ERROR_BUSY"; "VY_ERROR_UNKNOWN" for others.
VY_API const char *vy_status_name(vy_status status);

// Text by pointer and size in bytes; not zero-terminated. {NULL, 0} is empty.
typedef struct vy_str {
  const char *data;
  size_t size;
} vy_str;

// View of a zero-terminated string; NULL gives the empty view.
static inline vy_str vy_str_c(const char *s) {
  vy_str v = {s, 0};
  if (s)
    while (s[v.size])
      v.size++;
  return v;
}

// Memory for everything that the library allocates. One function: resize
// `old_size` bytes at `ptr` (NULL when old_size is 0) to `new_size`, aligned
// for any scalar type; new_size 0 frees and returns NULL; NULL otherwise means
// out of memory and leaves the old block alone. Called from any thread.
typedef struct vy_allocator {
  void *user;
  void *(*fn)(void *user, void *ptr, size_t old_size, size_t new_size);
} vy_allocator;

// ---- diagnostics --------------------------------------------------------

enum { VY_SEVERITY_ERROR = 0, VY_SEVERITY_WARNING = 1, VY_SEVERITY_NOTE = 2 };

// One diagnostic. The views point into vy_diags.text.
typedef struct vy_diag {
  uint32_t code;     // 123 is VY0123; see `vyre explain VY0123`
  int32_t status;    // the vy_status of this code
  uint32_t severity; // VY_SEVERITY_*
  uint32_t line;     // 1-based; 0: no source position
  uint32_t column;   // 1-based, in bytes
  uint32_t item;     // index in a batch; UINT32_MAX: none
  vy_str message;    // what, limit, value
  vy_str fix;        // how to mend it, without the word "Fix: "
  vy_str file;       // name the source was given
  vy_str source;     // the source line, for a caret
  vy_str log;        // a backend's own log, cut to fit
} vy_diag;

// Caller's storage for diagnostics: `capacity` records and `text_capacity`
// bytes. What does not fit is counted and dropped; nothing is allocated. A
// record whose text does not fit whole keeps what fits. Calls append; set
// count and text_size to 0 to start again. One thread at a time.
typedef struct vy_diags {
  size_t struct_size;
  vy_diag *records;
  char *text;
  size_t text_capacity;
  size_t text_size;
  uint32_t capacity;
  uint32_t count;
  uint32_t dropped; // records that did not fit
  uint32_t errors;  // errors reported, dropped ones included
} vy_diags;

#define VY_DIAGS_INIT                                                          \
  { sizeof(vy_diags), NULL, NULL, 0, 0, 0, 0, 0, 0 }

// Write one diagnostic as people read it (position, code, message, source
// line with caret, Fix) into `buffer` of `capacity` bytes, zero-terminated,
// cut to fit. Returns the bytes needed without the terminator.
VY_API size_t vy_diag_format(const vy_diag *diag, char *buffer,
                             size_t capacity);

// One row of the error catalogue; views live for ever.
typedef struct vy_error_info {
  uint32_t code;
  int32_t status;
  const char *name;    // "OUTPUT_TOO_SMALL"
  const char *summary; // one line
  const char *fix;     // the general advice
} vy_error_info;

// Number of rows of the catalogue, ascending by code.
VY_API uint32_t vy_error_count(void);
// Row `index` into *out; INVALID_ARGUMENT when out of range or NULL.
VY_API VY_NODISCARD vy_status vy_error_at(uint32_t index, vy_error_info *out);

// ---- context ------------------------------------------------------------

// Everything hangs off a context: allocator, log, trace, counters. There is
// no other global state.
typedef struct vy_context vy_context;

enum { VY_LOG_ERROR = 0, VY_LOG_WARNING = 1, VY_LOG_INFO = 2 };

// `level` is a VY_LOG_*; `message`, without a newline at its end, lives until
// the return. Called from any thread, one call at a time per context; must not
// call back into the context.
typedef void (*vy_log_fn)(void *user, uint32_t level, vy_str message);

typedef struct vy_context_desc {
  size_t struct_size;
  vy_allocator allocator; // fn NULL: the C library's
  vy_log_fn log;          // NULL: silent
  void *log_user;
  // File for Chrome/Perfetto trace events, zero-terminated; NULL: what the
  // environment variable VYRE_TRACE names, or no trace. The file is complete
  // when the context's last reference goes.
  const char *trace_path;
  uint32_t cache_entries; // compiled pipelines kept in memory; 0: 256
  uint32_t reserved;
  // Folder of the disk cache, zero-terminated; "": none; NULL: what VYRE_CACHE
  // names ("off": none), or vyre under XDG_CACHE_HOME or ~/.cache.
  const char *cache_path;
  uint64_t cache_bytes; // kept on disk; 0: what VYRE_CACHE_SIZE says, 256 MiB
} vy_context_desc;

#define VY_CONTEXT_DESC_INIT                                                   \
  { sizeof(vy_context_desc), {NULL, NULL}, NULL, NULL, NULL, 0, 0, NULL, 0 }

// Create a context; `desc` may be NULL for all defaults.
// Errors: OUT_OF_HOST_MEMORY, IO (trace file), INVALID_ARGUMENT.
VY_API VY_NODISCARD vy_status vy_context_create(const vy_context_desc *desc,
                                                vy_context **out,
                                                vy_diags *diags);
VY_API vy_context *vy_context_retain(vy_context *context);
// Objects made from the context keep it alive.
VY_API void vy_context_release(vy_context *context);

// What the context and the objects made from it have done since it was
// created. Readable at any time from any thread; values are each exact, not one
// snapshot.
typedef struct vy_counters {
  size_t struct_size;
  uint64_t compiles;     // programs really compiled
  uint64_t cache_hits;   // compiles answered from memory
  uint64_t dispatches;   // items dispatched (a batch of K counts K)
  uint64_t submissions;  // calls into a backend
  uint64_t waits;        // waits for a backend
  uint64_t bytes_in;     // host bytes given to dispatches
  uint64_t bytes_out;    // host bytes returned by dispatches
  uint64_t slots_reused; // output slots that had room
  uint64_t slots_grown;  // output slots that had to grow
  uint64_t allocations;  // calls of the allocator that asked for memory
  uint64_t live_bytes;   // bytes held now
  uint64_t live_buffers; // resident buffers held now
  uint64_t disk_hits;    // compiles answered from the disk cache
} vy_counters;

#define VY_COUNTERS_INIT                                                       \
  { sizeof(vy_counters), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

VY_API VY_NODISCARD vy_status vy_counters_read(const vy_context *context,
                                               vy_counters *out);

// ---- disk cache ---------------------------------------------------------

// Compiled code is kept on disk, for devices that compile slowly, so that
// another process finds it; results never are. The folder must belong to the
// effective user, with mode 0700; files in it are verified when they are read.
// Trouble with it is a line in the log, never an error of vy_compile.
typedef struct vy_cache_info {
  size_t struct_size;
  vy_str path;       // zero-terminated, lives as the context; empty: off
  uint64_t entries;  // files
  uint64_t bytes;    // in them
  uint64_t limit;    // bytes kept; the least recently used go first
  uint32_t usable;   // 1: code is kept there
  uint32_t reserved; // 0
  char reason[160];  // why it is not usable; "": off by request, or usable
} vy_cache_info;
#define VY_CACHE_INFO_INIT                                                     \
  { sizeof(vy_cache_info), {NULL, 0}, 0, 0, 0, 0, 0, "" }

// Look at the folder; makes nothing.
VY_API VY_NODISCARD vy_status vy_cache_describe(vy_context *context,
                                                vy_cache_info *out);
// Remove every entry. Other processes may use the folder meanwhile. A cache
// that is not usable is left alone. Errors: IO.
VY_API VY_NODISCARD vy_status vy_cache_clear(vy_context *context,
                                             vy_diags *diags);

// A 256-bit hash (BLAKE2b-256).
typedef struct vy_hash {
  uint8_t bytes[32];
} vy_hash;

#ifdef __cplusplus
}
#endif
#endif
