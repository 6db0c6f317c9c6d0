//! in trips: 3
//! out y: 12 20 28 36 44 52 60 68 76 84 92 100 108 116 124 132 140 148 156 164 172 156 92 28
// more variables in a loop than a processor has registers, each of which needs
// its neighbour as it was before the trip
program coupled(trips: u32, y: write u32[24]) {
    lanes 1;

    var now: u32[24];
    unroll for i in 0u .. 24u {
        now[i] = i + lane;
    }
    for k in 0u .. trips {
        let first = now[0];
        unroll for i in 0u .. 23u {
            now[i] += now[i + 1];
        }
        now[23] += first;
    }
    unroll for i in 0u .. 24u {
        y[i] = now[i];
    }
}
