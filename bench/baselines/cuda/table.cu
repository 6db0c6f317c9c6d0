// The table of one build of the baselines.
#include "cuda_baselines.h"

extern const cuda_baselines BUILD = {
#define X(type, name, args) BASE(name),
    CUDA_BASELINES(X)
#undef X
};
