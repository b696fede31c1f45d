{
  description = "localapp: apps that one person runs on their own machine";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ];
      forEachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = [ pkgs.nodejs_24 pkgs.pnpm pkgs.ollama ] ++ pkgs.lib.optional pkgs.stdenv.isLinux pkgs.chromium;
        };
      });

      # `nix run`, in a clone: starts examples/home on Nix's own Node, so that it works on NixOS too.
      apps = forEachSystem (pkgs: {
        default = {
          type = "app";
          program = "${pkgs.writeShellApplication {
            name = "localapp-home";
            runtimeInputs = [ pkgs.nodejs_24 pkgs.pnpm ];
            text = ''
              if [ ! -f examples/home/app.ts ]; then
                echo "Run this in the folder of a clone of localapp." >&2
                exit 1
              fi
              pnpm install --frozen-lockfile >&2
              exec node --conditions=@localapp/source examples/home/app.ts start "$@"
            '';
          }}/bin/localapp-home";
        };
      });
    };
}
