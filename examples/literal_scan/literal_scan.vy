// Find literals in a text: Aho-Corasick over byte classes. The text is cut in
// chunks, one a lane; a lane starts `overlap` bytes early, so that it is in
// the right state when its own bytes begin, and owns the matches that end in
// its chunk. Matches are counted, then (after a prefix sum) written in order.

struct Match {
    start: u32;
    literal: u32;
}

// First byte that the lane looks at, and the end of its chunk.
fn warm_start(begin: u32, overlap: u32) -> u32 {
    return begin > overlap ? begin - overlap : 0;
}

// next[state * classes + class of byte]; found[state] is 1 + the longest
// literal that ends in the state, 0 for none; also[state] the next state on
// the way to the shorter ones.
program count(text: read u8[], class: read u8[256], classes: u32,
              next: read u16[], found: read u8[], also: read u16[],
              chunk: u32, overlap: u32,
              counts: write u32[(len(text) + chunk - 1) / chunk]) {
    lanes (len(text) + chunk - 1) / chunk;

    let begin = lane * chunk;
    let end = min(begin + chunk, len(text));
    var state = 0u;
    var n = 0u;
    for at in warm_start(begin, overlap) .. end {
        state = next[state * classes + class[text[at]]];
        if (at >= begin) {
            var s = state;
            while (found[s] != 0) {
                n += 1;
                s = also[s];
            }
        }
    }
    counts[lane] = n;
}

program collect(text: read u8[], class: read u8[256], classes: u32,
                next: read u16[], found: read u8[], also: read u16[],
                lengths: read u32[], chunk: u32, overlap: u32,
                offsets: read u32[], matches: write Match[]) {
    lanes (len(text) + chunk - 1) / chunk;

    let begin = lane * chunk;
    let end = min(begin + chunk, len(text));
    var state = 0u;
    var slot = offsets[lane];
    for at in warm_start(begin, overlap) .. end {
        state = next[state * classes + class[text[at]]];
        if (at >= begin) {
            var s = state;
            while (found[s] != 0) {
                let literal = found[s] - 1;
                matches[slot].start = at + 1 - lengths[literal];
                matches[slot].literal = literal;
                slot += 1;
                s = also[s];
            }
        }
    }
}
