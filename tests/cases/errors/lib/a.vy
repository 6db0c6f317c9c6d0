// Imported by errors/import_cycle.vy.
import "b.vy";
