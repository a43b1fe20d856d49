package loader

import "testing"

func TestLoadersAreTheReviewedFiles(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		if _, content, err := File(arch); err != nil || len(content) < 100_000 {
			t.Errorf("%s: %d bytes, %v", arch, len(content), err)
		}
	}
	aa64[100]++
	defer func() { aa64[100]-- }()
	if _, _, err := File("arm64"); err == nil {
		t.Error("a changed loader goes into an image")
	}
}
