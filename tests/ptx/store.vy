// Lanes that only store: four a thread, since blocks start slower than memory
// takes a word of each lane.
program store(y: write u32[]) {
    lanes len(y);

    y[lane] = lane * 5;
}
