class Codling < Formula
  desc "Coding client for your terminal"
  version "@VERSION@"
  license "MIT"

  on_linux do
    on_intel do
      url "@DOWNLOADS@/v@VERSION@/codling-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SUM_X64@"
    end
    on_arm do
      url "@DOWNLOADS@/v@VERSION@/codling-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SUM_ARM64@"
    end
  end

  def install
    bin.install "codling"
    man1.install "man/codling.1"
    man5.install "man/codling-config.5"
    generate_completions_from_executable(bin/"codling", "completion")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/codling --version")
  end
end
