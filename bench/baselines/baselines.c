// The table of one build of the baselines.
#include "baselines.h"

const baselines BUILD = {
#define X(type, name, args) .name = BASE(name),
    BASELINES(X)
#undef X
};
