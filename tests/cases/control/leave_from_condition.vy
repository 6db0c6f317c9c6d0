//! in x: 0 1 2 9
//! out y: 3 2 1 100
//! out z: 9 9 9 2
// leave and return out of the statements of a loop's condition
fn steps(from: u32) -> u32 {
    var n = from;
    while {
        if (n == 9) {
            return 2;
        }
        n += 1;
    } (true) {
    }
    return 0;
}

fn first(from: u32) -> u32 {
    if (from == 9) {
        return steps(from);
    }
    return 9;
}

program p(x: read u32[4], y: write u32[4], z: write u32[4]) {
    lanes 4;

    var n = 0u;
    block {
        if (x[lane] == 9) {
            n = 100;
            leave;
        }
        while {
            if (n + x[lane] >= 3) {
                leave;
            }
            n += 1;
        } (n < 50) {
        }
        n = 200;
    }
    y[lane] = n;
    z[lane] = first(x[lane]);
}
