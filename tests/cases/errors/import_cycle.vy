//! import "lib/a.vy": lib/a.vy
//! import "lib/b.vy": lib/b.vy
//! error: VY0121
// files that import one another
import "lib/a.vy";

program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1;
}
