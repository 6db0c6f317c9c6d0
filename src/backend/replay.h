// Sequences on backends that run on the host: the steps of a recording one
// after another, on the thread that runs the launch.
#ifndef VY__REPLAY_H
#define VY__REPLAY_H

#include "backend/host_memory.h"

// Take the count of lanes or groups of an item that has one; before its run.
void vy__host_count(vy__launch_item *item, const vy_program *program);

// Run what `launch->recording` says. `run` runs a launch of one item now, on
// this thread, without completing it. Fills in the answers and the times.
void vy__host_replay(vy__launch *launch,
                     void (*run)(void *device, vy__launch *launch),
                     void *device);
// vy__device_ops.recording_free: nothing native is ever made.
void vy__host_recording_free(void *device, vy__recording *recording);

#endif
