import { mount } from "svelte";
import "./theme.css";
import App from "./App.svelte";
import { Board } from "./lib/board.svelte.ts";

const board = new Board();
board.connect(new URL("/", location.href));
mount(App, { target: document.body, props: { board } });
