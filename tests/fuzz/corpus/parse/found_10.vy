@/ ylt = a*x + y
program saxpy( lane;
    y[i] = fma(.a. x[i], y[i@/ ylt = a*x + y
program saxpy( lane;
    y[i] = fma(.a. x[i], y[i]);
}
]);
}
