//! in x: 0..1300
//! in z: 5000..6300
//! out y: 1000..2300
//! out z: 4999..6299
//! len y: 1301
// More lanes than some threads have, and not a multiple of what each has:
// elements that go together and a rest that goes alone.
program beside_one(x: read u32[], y: write u32[], z: update u32[]) {
    lanes len(x);
    y[lane] = x[lane] + 1000;
    z[lane] = z[lane] - 1;
}
