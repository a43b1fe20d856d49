// Program ntp is the bench's saboteur. In an image of the bench it has the place
// and the name of the real ntp, so that the first process starts it, and all
// else on the box is the product as it ships. Who connects to port 77 and sends
//
//	stop NAME
//
// has every program of that name stopped, as by SIGSTOP: it lives and does
// nothing any more. The answer is how many there were, or what went wrong.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	l, err := net.Listen("tcp4", ":77")
	if err != nil {
		fmt.Fprintln(os.Stderr, "saboteur:", err)
		os.Exit(1)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			continue
		}
		if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
			fmt.Fprintln(conn, harm(strings.TrimSpace(line)))
		}
		conn.Close()
	}
}

func harm(order string) string {
	name, known := strings.CutPrefix(order, "stop ")
	if !known {
		return "the saboteur cannot " + order
	}
	stopped := 0
	files, _ := filepath.Glob("/proc/[0-9]*/comm") // the pattern is good
	for _, file := range files {
		comm, err := os.ReadFile(file)
		if err != nil || strings.TrimSpace(string(comm)) != name {
			continue // some end meanwhile
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && syscall.Kill(pid, syscall.SIGSTOP) == nil {
			stopped++
		}
	}
	return strconv.Itoa(stopped)
}
