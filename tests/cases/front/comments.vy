//! out y: 1 2
//! clean
// comments may stand anywhere a blank may
/* a block
   of lines */
program/**/p(y: write /* out */ u32[2]) { // to the end
    lanes 2; /* one */ /* two */

    y[lane] = 1 /* plus */ + lane; // *** /* not open
}
