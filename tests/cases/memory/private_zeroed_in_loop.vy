//! out y: 1 2 3
//! clean
// a private array is zeroed at each execution of its declaration
program p(y: write u32[3]) {
    lanes 1;

    for i in 0u .. 3u {
        var a: u32[2];
        a[0] += i + 1;
        y[i] = a[0];
    }
}
