// Package receipt owns save receipts: a small signed text that says which boxes
// had an edit on their disks when it was saved. Its writer keeps it, in a mail
// or a drawer, and can ask any box of the wiki later whether it is genuine and
// where the edit is now.
//
// It promises that a receipt names only boxes that said they had made the
// revision durable; that what is not, letter for letter, what a box of this wiki
// signed is refused in one sentence; and that what a receipt says of a box
// counts only as long as that box's store keeps its identity. A store that was
// replaced, restored or cloned has another, and checking says so.
//
// # Text
//
// A receipt is ASCII and reads as words with white space between them, so that
// neither a mail program that wraps, quotes ("> ") or indents lines nor CR LF
// harms it. Text before and behind it is ignored. Written anew it is, each line
// ended by LF:
//
//	-----BEGIN ARGSS RECEIPT-----
//	version 1
//	space public
//	revision <64 hexadecimal digits>
//	time 2026-11-25T11:05:27.123Z
//	copy <box> <store identity> <sequence>
//	key <64 hexadecimal digits>
//	signature <64 hexadecimal digits>
//	<64 hexadecimal digits>
//	-----END ARGSS RECEIPT-----
//
// There are 1 to 64 copy lines, the box that signed first. The words stand in
// this order and in this form only. time is when the receipt was signed, UTC in
// milliseconds, by the signing box's clock. A copy line says: the store with that
// identity on that box held the revision, durably, numbered at most sequence.
// Receipts name no page: a header, which can never be erased, does.
//
// # Signature
//
// key is an ed25519 public key (RFC 8032). The signature covers the line
// "argss receipt 1" and then the lines from "version 1" to "key …", each ended by
// LF. All boxes of a wiki sign with one key, made from their pair secret: seed =
// HKDF-SHA256(secret, no salt, "argss receipt key 1"), 32 bytes. So a receipt
// can be checked by every box, also after the one that signed it is gone, and
// nobody has to hand out keys. testdata/receipt.txt is an example, signed with
// the key of the secret 00 01 02 … 0f.
package receipt
