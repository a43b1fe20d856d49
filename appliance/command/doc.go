// Package command owns what an owner asks of boxd at a command line beside
// running a box:
//
//	boxd verify-receipt FILE [-box URL] [-settings FILE]
//	boxd keeper-key FILE
//	boxd erase -key FILE -box URL [-why TEXT] REVISION…
//
// FILE "-" is the standard input. Each prints sentences and ends with 0 if what
// was asked is so, 1 if it is not, 2 if the question was put wrongly.
//
// verify-receipt without more tells whether the receipt is whole and signed, and
// by which key; with the settings of a box also whether that is this wiki's key;
// with the address of a box that box answers, and says where the edit is now.
//
// keeper-key makes the key with which a keeper signs erase records and prints
// what belongs into "keepers" of every box's settings. The file is the line
// "argss keeper key 1" and the seed, 64 hexadecimal digits; it never goes to a
// box.
//
// erase signs and sends the record that makes every box drop the content of the
// named versions, and prints where it has arrived. Boxes that are away take it
// when they return.
package command
