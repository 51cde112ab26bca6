// Package rig proves the command against real servers: Postfix, Exim and
// OpenSMTPD, BIND with broken zones, and unbound, OpenLDAP and a domain
// controller of Samba's, in a network namespace of its own that has no way out.
// It is all test: run it as root with
//
//	make integration
//
// # What is where
//
//	cases_test.go     the table: what is broken, and what must be found
//	judge_test.go     holds a report against a case
//	lab_*_test.go     brings the servers up and takes them away again
//	check_*test.go    the lab itself, without the command: whose fault is it?
//	directory_*.go    reading directories, from inside the lab
//	organization_*.go what is read from a directory against an export of it
//	conf/             what the servers are told; @LAB@ is the lab's folder
//	*.sh              packages, namespace, and the overlay that Exim and OpenSMTPD run in
//
// # Directories
//
// Both hold the organization of conf/organization.ldif, in the classes of
// conf/schema.txt, and know one user, tester:
//
//	openldap.directory.test  DC=contoso,DC=com         strict: no reading without a name, no
//	                                                   password in the clear, 500 objects at once
//	dc1.ad.contoso.com       DC=ad,DC=contoso,DC=com   Samba: LDAP, Kerberos and DNS
//
// The domain is made while the servers start and the command is built; no case
// begins before, because the cases measure time. Where the packages cannot be
// had, only the tests that need a directory are skipped, and none in CI.
//
// # What is left behind
//
// Debian packages, and the servers unpacked below /var/cache/mailflow-rig.
// Everything else goes with the run: the processes, the namespace, the folder.
package rig
