package directory

import (
	"bytes"
	"io"

	"github.com/Azure/go-ntlmssp"
	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// operation is a request with its parts.
func operation(tag ber.Tag, parts ...*ber.Packet) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	for _, part := range parts {
		op.AppendChild(part)
	}
	return op
}

// exchange asks and reads the answer before the library has the connection.
func exchange(conn io.ReadWriter, id int, op *ber.Packet, answer ber.Tag) (*ber.Packet, error) {
	request := ber.NewSequence("")
	request.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	request.AppendChild(op)
	if _, err := conn.Write(request.Bytes()); err != nil {
		return nil, err
	}
	var message bytes.Buffer
	if err := readMessage(conn, func() int { return bindBytes }, &message); err != nil {
		return nil, err
	}
	if _, err := inspect(message.Bytes()); err != nil {
		return nil, err
	}
	packet, err := ber.DecodePacketErr(message.Bytes())
	if err != nil || packet.Children[1].Tag != answer || packet.Children[0].Value != int64(id) {
		return nil, errNotLDAP
	}
	return packet, nil
}

// ntlm logs in by NTLM the way domain controllers have it, MS-ADTS section
// 5.1.1.1.3: two binds, and the challenge comes in place of a DN. It is not the
// library's: there a server that hangs up between the two holds the caller, and
// whoever closes the connection, for ever.
func (c *Conn) ntlm(l Login) error {
	hello, err := ntlmssp.NewNegotiateMessage("", "")
	if err != nil {
		return err
	}
	answer, err := c.sicily(1, 10, hello)
	if err != nil {
		return err
	}
	proof, err := ntlmssp.NewAuthenticateMessage(answer.Children[1].Children[1].ByteValue, l.User, l.Password, nil)
	if err != nil {
		return &challengeError{err}
	}
	_, err = c.sicily(2, 11, proof)
	return err
}

// sicily sends one step of NTLM.
func (c *Conn) sicily(id int, step ber.Tag, token []byte) (*ber.Packet, error) {
	version := ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 3, "")
	name := ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", "")
	auth := ber.NewString(ber.ClassContext, ber.TypePrimitive, step, string(token), "")
	answer, err := exchange(c.guard, id, operation(ldap.ApplicationBindRequest, version, name, auth), ldap.ApplicationBindResponse)
	if err != nil {
		return nil, err
	}
	return answer, ldap.GetLDAPError(answer)
}

// A challengeError is an answer to NTLM that cannot be used.
type challengeError struct{ err error }

func (e *challengeError) Error() string {
	return "the server does not speak NTLM as it should: use a simple login over ldaps:// (" + clean(e.err.Error()) + ")"
}
func (e *challengeError) Unwrap() error { return e.err }
