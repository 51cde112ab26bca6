// Package rig proves the command against real servers: Postfix, Exim and
// OpenSMTPD, BIND with broken zones, and unbound, in a network namespace of its
// own that has no way out. It is all test: run it as root with
//
//	make integration
//
// # What is where
//
//	cases_test.go     the table: what is broken, and what must be found
//	judge_test.go     holds a report against a case
//	lab_*_test.go     brings the servers up and takes them away again
//	check_test.go     the lab itself, without the command: whose fault is it?
//	conf/             what the servers are told; @LAB@ is the lab's folder
//	*.sh              packages, namespace, and the overlay that Exim and OpenSMTPD run in
//
// # What is left behind
//
// Debian packages, and the servers unpacked below /var/cache/mailflow-rig.
// Everything else goes with the run: the processes, the namespace, the folder.
package rig
