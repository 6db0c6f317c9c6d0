//! error: VY0120
// an import that is not there
import "nowhere.vy";

program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1;
}
