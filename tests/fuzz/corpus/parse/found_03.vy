//.y = a*x + y
program saxpyH(a+ fte {
= l);
}
