//! in ulo: 0 3 0 0 5 4294966000 4294967000
//! in uhi: 1000 4000 17 16 5 4294967295 4294967295
//! in ilo: -500 -2147483648 2147483000 -7
//! in ihi: 500 -2147480000 2147483647 6
//! out y: 344912913 921135872 3024457992 4104 0 3745096776 4014528856 1041851896 1978963976 4290202442 2231463775
//! out n: 143 16 17 4 0 13 5 112 13 20 7
// for: steps of any size, many trips, ends that the data give; the last step may go
// past the end, and past the type's
program p(ulo: read u32[], uhi: read u32[], ilo: read i32[], ihi: read i32[],
          y: write u32[11], n: write u32[11]) {
    lanes 1;

    var a = 0u;
    var c = 0u;
    a = 0;
    c = 0;
    for i in ulo[0] .. uhi[0] step 7u {
        a = a * 31 + i;
        c += 1;
    }
    y[0] = a;
    n[0] = c;
    a = 0;
    c = 0;
    for i in ulo[1] .. uhi[1] step 256u {
        a = a * 31 + i;
        c += 1;
    }
    y[1] = a;
    n[1] = c;
    a = 0;
    c = 0;
    for i in ulo[2] .. uhi[2] step 1u {
        a = a * 31 + i;
        c += 1;
    }
    y[2] = a;
    n[2] = c;
    a = 0;
    c = 0;
    for i in ulo[3] .. uhi[3] step 4u {
        a = a * 31 + i;
        c += 1;
    }
    y[3] = a;
    n[3] = c;
    a = 0;
    c = 0;
    for i in ulo[4] .. uhi[4] step 3u {
        a = a * 31 + i;
        c += 1;
    }
    y[4] = a;
    n[4] = c;
    a = 0;
    c = 0;
    for i in ulo[5] .. uhi[5] step 100u {
        a = a * 31 + i;
        c += 1;
    }
    y[5] = a;
    n[5] = c;
    a = 0;
    c = 0;
    for i in ulo[6] .. uhi[6] step 64u {
        a = a * 31 + i;
        c += 1;
    }
    y[6] = a;
    n[6] = c;
    a = 0;
    c = 0;
    for i in ilo[0] .. ihi[0] step 9 {
        a = a * 31 + u32(i);
        c += 1;
    }
    y[7] = a;
    n[7] = c;
    a = 0;
    c = 0;
    for i in ilo[1] .. ihi[1] step 300 {
        a = a * 31 + u32(i);
        c += 1;
    }
    y[8] = a;
    n[8] = c;
    a = 0;
    c = 0;
    for i in ilo[2] .. ihi[2] step 33 {
        a = a * 31 + u32(i);
        c += 1;
    }
    y[9] = a;
    n[9] = c;
    a = 0;
    c = 0;
    for i in ilo[3] .. ihi[3] step 2 {
        a = a * 31 + u32(i);
        c += 1;
    }
    y[10] = a;
    n[10] = c;
}
