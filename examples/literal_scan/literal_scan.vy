// Find literals in a text: Aho-Corasick over byte classes. The text is cut in
// chunks, one a lane; a lane starts `overlap` bytes early, so that it is in
// the right state when its own bytes begin, and owns the matches that end in
// its chunk. A pass over the text marks the bytes at which matches end and
// counts; after a prefix sum, the matches at the marked bytes are written in
// order.

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
// the way to the shorter ones. chunk is a multiple of 32; ends: bit i % 32 of
// word i / 32 is byte i.
program count(text: read u8[], class: read u8[256], classes: u32,
              next: read u16[], found: read u8[], also: read u16[],
              chunk: u32, overlap: u32,
              ends: write u32[(len(text) + 31) / 32],
              counts: write u32[(len(text) + chunk - 1) / chunk]) {
    lanes (len(text) + chunk - 1) / chunk;

    let begin = lane * chunk;
    let end = min(begin + chunk, len(text));
    var state = 0u;
    for at in warm_start(begin, overlap) .. begin {
        state = next[state * classes + class[text[at]]];
    }
    var n = 0u;
    for first in begin .. end step 32u {
        var word = 0u;
        for at in first .. min(first + 32, end) {
            state = next[state * classes + class[text[at]]];
            if (found[state] != 0) {
                word |= 1u << (at % 32);
                var s = state;
                while (found[s] != 0) {
                    n += 1;
                    s = also[s];
                }
            }
        }
        ends[first / 32] = word;
    }
    counts[lane] = n;
}

// The overlap, and the byte itself, hold all that ends there.
program collect(text: read u8[], class: read u8[256], classes: u32,
                next: read u16[], found: read u8[], also: read u16[],
                lengths: read u32[], chunk: u32, overlap: u32,
                ends: read u32[], offsets: read u32[],
                matches: write Match[]) {
    lanes (len(text) + chunk - 1) / chunk;

    let begin = lane * chunk;
    let end = min(begin + chunk, len(text));
    var slot = offsets[lane];
    for first in begin .. end step 32u {
        var word = ends[first / 32];
        while (word != 0) {
            let last = first + ctz(word);
            word &= word - 1;
            var state = 0u;
            for at in warm_start(last, overlap) .. last + 1 {
                state = next[state * classes + class[text[at]]];
            }
            while (found[state] != 0) {
                let literal = found[state] - 1;
                matches[slot].start = last + 1 - lengths[literal];
                matches[slot].literal = literal;
                slot += 1;
                state = also[state];
            }
        }
    }
}
