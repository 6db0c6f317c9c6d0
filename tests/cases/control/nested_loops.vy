//! in n: 20
//! out y: 0 0 1 2 2 3 3 4 4 4 4 5 5 6 6 6 6 7 7 8
//! clean
// loops in loops in branches, with state
program p(n: u32, y: write u32[n]) {
    lanes n;

    var primes = 0u;
    for a in 2u .. lane + 1 {
        var prime = true;
        var d = 2u;
        while (d * d <= a) {
            if (a % d == 0) {
                prime = false;
                break;
            }
            d += 1;
        }
        if (prime) {
            primes += 1;
        }
    }
    y[lane] = primes;
}
