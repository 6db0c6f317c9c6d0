//! import "lib/shapes.vy": lib/shapes.vy
//! import "lib/numbers.vy": lib/numbers.vy
//! out y: 6 24
//! out n: 14 9
//! clean
// functions, structs and constants from other files; a diamond is one
import "lib/shapes.vy";
import "lib/numbers.vy";

program p(y: write f32[2], n: write u32[2]) {
    lanes 1;

    let b = Box(2.0, 3.0);
    y[0] = area(b);
    y[1] = area(scaled(b, 2.0));
    n[0] = twice(LIMIT);
    n[1] = SQUARES[3];
}
