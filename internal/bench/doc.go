// Package bench measures a whole diagnosis: its round trips, exactly, in
// virtual time; and its wall time against another tool on the same servers.
package bench
