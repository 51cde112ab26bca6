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
//	logs_*_test.go    logs and queues of servers that send, against what was sent
//	conf/             what the servers are told; @LAB@ is the lab's folder
//	*.sh              packages, namespace, the overlay that Exim and OpenSMTPD run in,
//	                  and the clock of those that send
//
// # Senders
//
// A Postfix and an Exim send an hour's mail in a minute: libfaketime makes them,
// their children and a postgrey believe that a second is one (senders.sh). So
// stamps, delay= and the age of what waits are theirs as they wrote them, and
// nothing is stretched afterwards. Their hour lies in the hour and a half before
// the test. They try again after 30 minutes; what they send to:
//
//	healthy.test      takes all at once, and returns two letters
//	greylisting.test  postgrey, 300 s of that clock
//	closed.test       451 until every letter was tried once (an Exim, by a file)
//	shut.test         refuses connections until then (nftables)
//	full.test         452 4.3.1 for good
//	allrefused.test   refuses connections for good
//
// The command reads the logs of the whole hour, and listings of the queues from
// before the servers open and from the end. It has to say what another reading of
// the logs says (logs_truth_test.go), and for Postfix what pflogsumm counts.
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
