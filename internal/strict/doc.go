// Package strict decodes request bodies strictly: a field that is unknown, specified more than once or of another type is
// reported with its path, and the rest of the body is read all the same. Its decoders are generated from the documents;
// package contract makes them public.
package strict
