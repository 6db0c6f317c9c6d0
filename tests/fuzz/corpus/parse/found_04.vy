// y =3;
    y[i] fma)a, p[i]0..!02! '  lanes le, y[i]);
y
