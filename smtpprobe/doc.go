// Package smtpprobe holds one SMTP session with one address, step by step, and
// keeps what was said word for word with the time that each step took.
//
// Mail that is late has nearly always waited at one step of such a session: at
// the connection (firewall, dead host), before the greeting (name look-ups,
// tarpits, overload), at EHLO, at the TLS handshake, at MAIL or RCPT (grey
// listing, directory look-ups, block lists) or after the final dot (content
// filters, delayed acknowledgement). The sender's log gives one number for all
// of it; the steps tell them apart.
//
// A session costs as few round trips as SMTP allows: connect, greeting, EHLO,
// STARTTLS, ClientHello, Finished with EHLO, MAIL, and then RCPT, RSET and QUIT
// together where PIPELINING (RFC 2920) is offered. It ends before DATA unless
// the operator consents to a test message.
//
// A failure is no error but the last step of the record, with its kind of fault.
// A 4xx or 5xx reply is no fault: the session goes on as far as is polite and
// says QUIT. So after a 421 (RFC 5321 3.8: the server is closing) the record may
// end in a QUIT at which the server had closed already.
package smtpprobe
