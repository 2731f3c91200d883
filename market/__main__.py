from market.cli.commands import main

main()
