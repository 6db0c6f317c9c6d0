// Vyre: write a compute program once, compile it once, dispatch it as often
// as you like on any device, and get the same bits everywhere.
#ifndef VYRE_VYRE_H
#define VYRE_VYRE_H

#include <vyre/core.h>
#include <vyre/pipeline.h>
#include <vyre/program.h>
#include <vyre/sequence.h>

#include <vyre/builder.h>

#endif
