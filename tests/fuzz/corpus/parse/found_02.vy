
Fix: l((((y(((1u)))$)
Fix: fn))); 
