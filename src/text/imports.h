// Loading a file and all that it imports.
#ifndef VY__IMPORTS_H
#define VY__IMPORTS_H

#include "text/front.h"

// Parse the source's text and every import, each once.
void vy__load_files(vy__front *f);

#endif
