// Package control is how the program that serves tells the program that holds
// the shared address how well it is, and asks how things stand. It owns the
// unix socket and its lines:
//
//	demotion 16    how unwell the box is, 0 to 255; answered "ok"
//	status         answered with one line of JSON, a Status
//	anything else  answered "error: " and why
//
// The promise is that silence counts as illness. The connection that last sent a
// demotion is the voice of the box. If it closes, or says nothing for
// two seconds, the box is demoted to Unattended at once, and it starts so. A
// program that hangs or died can not say that it is unwell.
package control
