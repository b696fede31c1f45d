{
  description = "My title";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ];
      forEachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      # Nix's own Node, because the one of npm does not start on NixOS.
      tools = pkgs: [ pkgs.nodejs_24 ];
    in
    {
      # `nix develop`: a shell with these, with a model's server and with a browser.
      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = tools pkgs ++ [ pkgs.ollama ] ++ pkgs.lib.optional pkgs.stdenv.isLinux pkgs.chromium;
        };
      });

      # `nix run`, in this folder: installs what is missing and starts the app. `nix run . -- --port 4400` passes options on.
      apps = forEachSystem (pkgs: {
        default = {
          type = "app";
          program = "${pkgs.writeShellApplication {
            name = "app";
            runtimeInputs = tools pkgs;
            text = ''
              if [ ! -f app.ts ]; then
                echo "Run this in the folder of the app." >&2
                exit 1
              fi
              [ -d node_modules ] || npm install >&2
              exec node app.ts "$@"
            '';
          }}/bin/app";
        };
      });
    };
}
