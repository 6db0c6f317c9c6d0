// The table of backends. A new one is one row here.
#include "backend/backend.h"

const vy__backend *vy__backend_at(uint32_t index) {
  static const vy__backend *const all[] = {
      &vy__cuda_backend,
      &vy__cpu_backend,
      &vy__reference_backend,
      &vy__null_backend,
  };
  return index < VY__COUNT(all) ? all[index] : NULL;
}
