// Package evidence is the vocabulary: one file for each family of keys, with
// the types of their values. It does no I/O.
package evidence
