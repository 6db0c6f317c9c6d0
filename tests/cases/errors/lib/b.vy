// Imported by errors/import_cycle.vy.
import "a.vy";
