{
  description = "Coding client for your terminal";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      version = "@VERSION@";
      archives = {
        x86_64-linux = {
          target = "x86_64-unknown-linux-musl";
          sha256 = "@SUM_X64@";
        };
        aarch64-linux = {
          target = "aarch64-unknown-linux-musl";
          sha256 = "@SUM_ARM64@";
        };
      };
      package =
        system:
        let
          inherit (archives.${system}) target sha256;
          pkgs = nixpkgs.legacyPackages.${system};
        in
        pkgs.stdenvNoCC.mkDerivation {
          pname = "codling";
          inherit version;
          src = pkgs.fetchurl {
            url = "@DOWNLOADS@/v${version}/codling-${version}-${target}.tar.gz";
            inherit sha256;
          };
          nativeBuildInputs = [ pkgs.installShellFiles ];
          # The program is static: nothing in it needs a path of the store.
          dontFixup = true;
          installPhase = ''
            install -Dm755 codling $out/bin/codling
            installManPage man/codling.1 man/codling-config.5
            installShellCompletion --cmd codling \
              --bash <($out/bin/codling completion bash) \
              --zsh <($out/bin/codling completion zsh) \
              --fish <($out/bin/codling completion fish)
          '';
          meta = {
            description = "Coding client for your terminal";
            license = pkgs.lib.licenses.mit;
            mainProgram = "codling";
            platforms = builtins.attrNames archives;
          };
        };
    in
    {
      packages = builtins.mapAttrs (system: _: { default = package system; }) archives;
    };
}
