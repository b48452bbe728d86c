import { mount } from "svelte";
import "./theme.css";
import App from "./App.svelte";
import { Board } from "./lib/board.svelte.ts";
import { Line } from "./lib/line.ts";

const board = new Board((packet) => line.send(packet));
const line = new Line(new URL("/", location.href), board);
void line.connect();
mount(App, { target: document.body, props: { board } });
