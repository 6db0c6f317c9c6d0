// vy_compile and the cache behind it. An entry is one piece of backend code
// under a key of everything that can change it; while it is being compiled,
// others who want it wait for it alone. Code is shared between program
// objects; a pipeline belongs to one of them, because positions do. What is
// too much is dropped, least recently used first, unless in use. The disk
// cache stands before the backend: it holds what the backend made of the same
// key.
#include "pipeline/pipeline.h"

#include <stdio.h>

// ---- identity

static void hash_number(vy__hasher *h, uint64_t v) {
  vy__hash_update(h, &v, sizeof v);
}

static vy_hash make_key(const vy_device *device, const vy_program *program,
                        uint32_t flags, const uint64_t *constants) {
  vy__hasher h;
  vy__hash_init(&h);
  vy__hash_update(&h, program->fingerprint.bytes,
                  sizeof program->fingerprint.bytes);
  hash_number(&h, flags);
  hash_number(&h, program->ir.const_count);
  vy__hash_update(&h, constants, program->ir.const_count * sizeof *constants);
  hash_number(&h, VY_VERSION);
  vy__hash_update(&h, vy__build_id, strlen(vy__build_id) + 1);
  vy__hash_update(&h, device->identity, strlen(device->identity) + 1);
  return vy__hash_final(&h);
}

// ---- life of pipelines

static void pipeline_free(vy_pipeline *p) {
  vy_context *c = p->device->context;
  vy__plan_free(&p->plan);
  vy_program_release(p->program);
  vy_program_release(p->source);
  vy__free(&c->alloc, p, sizeof *p);
}

static void drop(vy_pipeline *p) {
  if (vy__refs_drop(&p->refs))
    pipeline_free(p);
}

void vy__pipeline_hold(vy_pipeline *p) {
  vy__refs_take(&p->refs);
  atomic_fetch_add(&p->compiled->flights, 1);
}

void vy__pipeline_unhold(vy_pipeline *p) {
  atomic_fetch_sub(&p->compiled->flights, 1);
  drop(p);
}

// Under the mutex: the entry forgets the pipeline.
static void unlink_pipeline(vy__compiled *e, vy_pipeline *p) {
  vy_pipeline **at = &e->pipelines;
  while (*at != p)
    at = &(*at)->next;
  *at = p->next;
}

static void entry_free(vy_device *d, vy__compiled *e) {
  while (e->pipelines) {
    vy_pipeline *p = e->pipelines;
    e->pipelines = p->next;
    drop(p);
  }
  if (e->code)
    d->ops->code_free(d->impl, e->code);
  vy_program_release(e->program);
  vy__free(&d->context->alloc, e, sizeof *e);
}

// Under the mutex: take out what is too much, to be freed without the mutex.
static vy__compiled *evict(vy_device *d) {
  return vy__cache_evict(&d->cache, d->context->cache_entries);
}

static void free_list(vy_device *d, vy__compiled *e) {
  while (e) {
    vy__compiled *next = e->next;
    entry_free(d, e);
    e = next;
  }
}

void vy__cache_clear(vy_device *d) {
  free_list(d, vy__cache_take_all(&d->cache, &d->context->alloc));
}

vy_pipeline *vy_pipeline_retain(vy_pipeline *p) {
  if (p && !vy__device_forked(p->device)) {
    vy__mutex_lock(&p->device->cache.mutex);
    p->users++;
    vy__mutex_unlock(&p->device->cache.mutex);
  }
  return p;
}

// The cache keeps an entry's first pipeline for the next compile; others go
// with their last user.
void vy_pipeline_release(vy_pipeline *p) {
  if (!p || vy__device_forked(p->device))
    return;
  vy_device *d = p->device;
  vy__compiled *extra = NULL;
  bool last, gone;
  vy__mutex_lock(&d->cache.mutex);
  last = --p->users == 0;
  gone = last && p->compiled->kept != p;
  if (gone)
    unlink_pipeline(p->compiled, p);
  if (last) {
    vy__cache_unuse(&d->cache, p->compiled);
    extra = evict(d);
  }
  vy__mutex_unlock(&d->cache.mutex);
  free_list(d, extra);
  if (gone)
    drop(p);
  if (last)
    vy_device_release(d);
}

// ---- compiling

typedef struct request {
  vy_device *device;
  vy_program *program;
  uint32_t flags;
  uint64_t constants[VY__MAX_CONSTS];
  vy_hash key;
} request;

static vy_status make_pipeline(const request *r, vy_program *fixed,
                               vy_pipeline **out, vy_diags *diags) {
  vy_pipeline *p = vy__calloc(&r->device->context->alloc, 1, sizeof *p);
  if (!p)
    return vy__fail_oom(diags, "a pipeline");
  vy__refs_init(&p->refs);
  p->device = r->device;
  p->flags = r->flags;
  p->source = vy_program_retain(r->program);
  p->program = vy_program_retain(fixed);
  if (!vy__plan_init(&p->plan, fixed)) {
    pipeline_free(p);
    return vy__fail_oom(diags, "a pipeline");
  }
  char hex[65];
  vy__hash_hex(&r->key, hex);
  snprintf(p->id, sizeof p->id, "%.60s:%s", r->device->backend->name, hex);
  *out = p;
  return VY_OK;
}

static void use_pipeline(vy_device *d, vy_pipeline *p) {
  if (p->users++ == 0) {
    vy__cache_use(&d->cache, p->compiled);
    vy_device_retain(d);
  }
}

static void link_pipeline(vy__compiled *e, vy_pipeline *p) {
  p->compiled = e;
  p->next = e->pipelines;
  e->pipelines = p;
  if (!e->kept)
    e->kept = p;
}

static vy_pipeline *find_pipeline(vy__compiled *e, const vy_program *source) {
  for (vy_pipeline *p = e->pipelines; p; p = p->next)
    if (p->source == source)
      return p;
  return NULL;
}

static bool load_code(const request *r, vy_program *fixed,
                      struct vy__code **code) {
  vy_device *d = r->device;
  uint8_t *bytes;
  size_t size;
  if (!vy__disk_load(&d->disk, &r->key, &bytes, &size))
    return false;
  vy_status s = d->ops->code_load(d->impl, fixed, r->flags, bytes, size, code);
  vy__free(&d->context->alloc, bytes, size);
  if (s == VY_OK)
    vy__count(d->context, VY__COUNT_DISK_HITS, 1);
  return s == VY_OK;
}

static void save_code(const request *r, const struct vy__code *code) {
  vy_device *d = r->device;
  const uint8_t *bytes;
  size_t size;
  if (d->disk.fd >= 0 &&
      d->ops->code_save(d->impl, code, &bytes, &size) == VY_OK)
    vy__disk_save(&d->disk, &r->key, bytes, size);
}

// The entry's own compile: `e` is in the cache without code.
static vy_status compile_code(const request *r, vy_program *fixed,
                              struct vy__code **code, vy_diags *diags) {
  vy_device *d = r->device;
  vy_context *c = d->context;
  uint64_t begin = c->trace ? vy__now_ns() : 0;
  bool loaded = load_code(r, fixed, code);
  if (!loaded) {
    VY_TRY(d->ops->compile(d->impl, fixed, r->flags, code, diags));
    vy__count(c, VY__COUNT_COMPILES, 1);
    save_code(r, *code);
  }
  if (c->trace)
    vy__trace_span(c, vy_str_c(vy__ir_string(&fixed->ir, fixed->ir.name)),
                   loaded ? "load" : "compile", 0, begin, vy__now_ns());
  return VY_OK;
}

static vy_status compile_new(const request *r, vy__compiled *e,
                             vy_pipeline **out, vy_diags *diags) {
  vy_device *d = r->device;
  struct vy__code *code = NULL;
  vy_pipeline *p = NULL;
  vy_status s = vy__fix_constants(r->program, r->constants, &e->program, diags);
  if (s == VY_OK)
    s = make_pipeline(r, e->program, &p, diags);
  if (s == VY_OK)
    s = compile_code(r, e->program, &code, diags);
  vy__compiled *extra = NULL;
  vy__mutex_lock(&d->cache.mutex);
  if (s == VY_OK) {
    e->code = code;
    link_pipeline(e, p);
    use_pipeline(d, p);
    extra = evict(d);
  } else {
    vy__cache_remove(&d->cache, e);
  }
  vy__cond_broadcast(&d->cache.ready);
  vy__mutex_unlock(&d->cache.mutex);
  free_list(d, extra);
  if (s == VY_OK) {
    *out = p;
    return VY_OK;
  }
  if (p)
    pipeline_free(p);
  entry_free(d, e);
  return s;
}

// Another program object with the same meaning: same code, own positions.
// `keeper`, in use, keeps the entry meanwhile.
static vy_status share_code(const request *r, vy__compiled *e,
                            vy_pipeline *keeper, vy_pipeline **out,
                            vy_diags *diags) {
  vy_device *d = r->device;
  vy_program *fixed = NULL;
  vy_pipeline *p = NULL, *there;
  vy_status s = vy__fix_constants(r->program, r->constants, &fixed, diags);
  if (s == VY_OK)
    s = make_pipeline(r, fixed, &p, diags);
  if (s == VY_OK) {
    vy__mutex_lock(&d->cache.mutex);
    there = find_pipeline(e, r->program); // made meanwhile
    if (!there)
      link_pipeline(e, p);
    *out = there ? there : p;
    use_pipeline(d, *out);
    vy__mutex_unlock(&d->cache.mutex);
    if (there)
      pipeline_free(p);
  }
  vy_program_release(fixed);
  vy_pipeline_release(keeper);
  return s;
}

static vy_status compile(const request *r, vy_pipeline **out, vy_diags *diags) {
  vy_device *d = r->device;
  vy__compiled *fresh = vy__calloc(&d->context->alloc, 1, sizeof *fresh);
  if (!fresh)
    return vy__fail_oom(diags, "a pipeline");
  fresh->key = r->key;
  vy__mutex_lock(&d->cache.mutex);
  vy__compiled *e;
  while ((e = vy__cache_find(&d->cache, &r->key)) != NULL && !e->code)
    vy__cond_wait(&d->cache.ready, &d->cache.mutex);
  if (!e) {
    bool room = vy__cache_insert(&d->cache, &d->context->alloc, fresh);
    vy__mutex_unlock(&d->cache.mutex);
    if (room)
      return compile_new(r, fresh, out, diags);
    vy__free(&d->context->alloc, fresh, sizeof *fresh);
    return vy__fail_oom(diags, "a pipeline");
  }
  vy__count(d->context, VY__COUNT_CACHE_HITS, 1);
  vy_pipeline *p = find_pipeline(e, r->program);
  vy_pipeline *keeper = p ? p : e->kept;
  use_pipeline(d, keeper);
  vy__mutex_unlock(&d->cache.mutex);
  vy__free(&d->context->alloc, fresh, sizeof *fresh);
  if (!p)
    return share_code(r, e, keeper, out, diags);
  *out = p;
  return VY_OK;
}

vy_status vy_compile(vy_device *device, vy_program *program,
                     const vy_compile_options *options, vy_pipeline **out,
                     vy_diags *diags) {
  vy_compile_options o;
  request r;
  if (!device || !program || !out)
    return vy__fail_argument(diags, "vy_compile: %s is NULL",
                             !device    ? "device"
                             : !program ? "program"
                                        : "out");
  VY_TRY(vy__device_usable(device, diags));
  VY_TRY(vy__compile_options(&o, options, diags));
  VY_TRY(vy__resolve_constants(program, &o, r.constants, diags));
  r.device = device;
  r.program = program;
  r.flags = o.flags;
  r.key = make_key(device, program, o.flags, r.constants);
  return compile(&r, out, diags);
}

const char *vy_pipeline_id(const vy_pipeline *p) { return p ? p->id : ""; }

vy_program *vy_pipeline_program(const vy_pipeline *p) {
  return p ? p->program : NULL;
}

vy_device *vy_pipeline_device(const vy_pipeline *p) {
  return p ? p->device : NULL;
}
